-- Health of NodeIpPoolClass, NodeIpPool and VirtualNetwork for Argo CD.
-- https://argo-cd.readthedocs.io/en/stable/operator-manual/health/
local health = { status = "Progressing", message = "the operator has not reported yet" }
if obj.metadata ~= nil and obj.metadata.deletionTimestamp ~= nil then
  health.message = "it is being deleted"
  return health
end
if obj.status == nil or obj.status.conditions == nil then
  return health
end
-- What is said of an older spec does not count.
if obj.status.observedGeneration ~= nil and obj.metadata.generation ~= nil
    and obj.status.observedGeneration < obj.metadata.generation then
  health.message = "the operator has not seen the newest spec yet"
  return health
end
local ready = nil
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Stalled" and condition.status == "True" then
    return { status = "Degraded", message = condition.message or condition.reason }
  end
  if condition.type == "Ready" then
    ready = condition
  end
end
if ready == nil then
  return health
end
health.message = ready.message or ready.reason
if ready.status == "True" then
  health.status = "Healthy"
elseif ready.status == "False" and ready.reason ~= "Growing" then
  health.status = "Degraded"
end
return health
