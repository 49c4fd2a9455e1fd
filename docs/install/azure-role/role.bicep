// The role of vnetcni's operator, and its assignments. The same actions as in role.json and main.tf: a test compares the three.
//   az deployment sub create -l westeurope -f role.bicep -p principalId=OBJECT_ID
targetScope = 'subscription'

@description('Object id (principalId) of the operator\'s identity; empty makes the role alone.')
param principalId string = ''

@description('Names of the resource groups of this subscription in which the role is given: those of the nodes and of the virtual networks.')
param resourceGroups array = []

var actions = [
  'Microsoft.Authorization/permissions/read'
  'Microsoft.Authorization/denyAssignments/read'
  'Microsoft.Network/networkInterfaces/read'
  'Microsoft.Network/networkInterfaces/write'
  'Microsoft.Network/locations/operations/read'
  'Microsoft.Compute/virtualMachines/read'
  'Microsoft.Compute/virtualMachineScaleSets/read'
  'Microsoft.Compute/virtualMachineScaleSets/networkInterfaces/read'
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read'
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write'
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces/read'
  'Microsoft.Compute/locations/operations/read'
  'Microsoft.Network/virtualNetworks/read'
  'Microsoft.Network/virtualNetworks/usages/read'
  'Microsoft.Network/virtualNetworks/checkIpAddressAvailability/read'
  'Microsoft.Network/virtualNetworks/subnets/read'
  'Microsoft.Network/virtualNetworks/subnets/join/action'
  'Microsoft.Network/networkSecurityGroups/join/action'
  'Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action'
  'Microsoft.Network/publicIPAddresses/join/action'
  'Microsoft.Network/loadBalancers/backendAddressPools/join/action'
  'Microsoft.Network/loadBalancers/inboundNatRules/join/action'
  'Microsoft.Network/loadBalancers/inboundNatPools/join/action'
  'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'
]

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'vnetcni operator')
  properties: {
    roleName: 'vnetcni operator'
    description: 'Adds and removes secondary ipConfigurations of the interfaces of Kubernetes nodes for vnetcni.'
    type: 'CustomRole'
    permissions: [
      {
        actions: actions
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

module assignments 'assignment.bicep' = [for group in (empty(principalId) ? [] : resourceGroups): {
  name: 'vnetcni-operator-${uniqueString(group)}'
  scope: resourceGroup(group)
  params: {
    principalId: principalId
    roleDefinitionId: role.id
  }
}]

output roleDefinitionId string = role.id
