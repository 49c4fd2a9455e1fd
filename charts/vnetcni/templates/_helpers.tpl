{{- define "vnetcni.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* 40 characters at most: names made of it get endings. */}}
{{- define "vnetcni.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "vnetcni.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "vnetcni.operator.name" -}}{{ include "vnetcni.fullname" . }}-operator{{- end -}}
{{- define "vnetcni.agent.name" -}}{{ include "vnetcni.fullname" . }}-agent{{- end -}}

{{- define "vnetcni.uninstall.name" -}}{{ include "vnetcni.fullname" . }}-uninstall{{- end -}}

{{- define "vnetcni.operator.serviceAccount" -}}
{{- .Values.operator.serviceAccount.name | default (include "vnetcni.operator.name" .) -}}
{{- end -}}
{{- define "vnetcni.agent.serviceAccount" -}}
{{- .Values.agent.serviceAccount.name | default (include "vnetcni.agent.name" .) -}}
{{- end -}}

{{/* Labels that select: never changed, since a selector cannot be. Takes (list $ "operator"). */}}
{{- define "vnetcni.selectorLabels" -}}
app.kubernetes.io/name: {{ include "vnetcni.name" (index . 0) }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* All labels of an object. Takes (list $ "operator"). */}}
{{- define "vnetcni.labels" -}}
{{- $root := index . 0 -}}
{{- include "vnetcni.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: vnetcni
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata but the name. Takes (list $ "operator") or (list $ "operator" $annotations). */}}
{{- define "vnetcni.meta" -}}
{{- $root := index . 0 -}}
labels:
  {{- include "vnetcni.labels" . | nindent 2 }}
{{- $own := dict }}
{{- if gt (len .) 2 }}{{ $own = index . 2 | default dict }}{{ end }}
{{- with merge (dict) $own $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Takes (list $ .Values.operator.image). */}}
{{- define "vnetcni.image" -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository ($image.tag | default (index . 0).Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* Where the API server is, when the Service cannot be used. */}}
{{- define "vnetcni.kubernetesEnv" -}}
{{- with .Values.kubernetes.serviceHost }}
- name: KUBERNETES_SERVICE_HOST
  value: {{ . | quote }}
{{- end }}
{{- with .Values.kubernetes.servicePort }}
- name: KUBERNETES_SERVICE_PORT
  value: {{ . | quote }}
{{- end }}
{{- end -}}

{{/*
The version of ValidatingAdmissionPolicy, or nothing. By its kind, or by Kubernetes' version where the chart is only
rendered, since helm then knows groups and no kinds. Not before 1.30: earlier tokens do not name the node that they are bound to.
*/}}
{{- define "vnetcni.policyVersion" -}}
{{- $version := "admissionregistration.k8s.io/v1" -}}
{{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version -}}
{{- $version -}}
{{- else if .Capabilities.APIVersions.Has (printf "%s/ValidatingAdmissionPolicy" $version) -}}
{{- $version -}}
{{- end -}}
{{- end -}}

{{/* Where Azure is and who asks, for the operator and for the uninstall. */}}
{{- define "vnetcni.operator.azureEnv" -}}
{{- $id := .Values.azure.identity }}
- name: VNETCNI_CLOUD
  value: {{ .Values.azure.cloud }}
{{- with .Values.azure.armEndpoint }}
- name: VNETCNI_ARM_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with .Values.azure.armAudience }}
- name: VNETCNI_ARM_AUDIENCE
  value: {{ . | quote }}
{{- end }}
{{- with .Values.azure.authorityHost }}
- name: AZURE_AUTHORITY_HOST
  value: {{ . | quote }}
{{- end }}
{{- if .Values.azure.armCaSecret.name }}
- name: VNETCNI_ARM_CA_FILE
  value: /etc/vnetcni/arm/ca.crt
{{- end }}
- name: VNETCNI_ARM_IDENTITY
  value: {{ $id.mode }}
{{- with $id.clientId }}
- name: AZURE_CLIENT_ID
  value: {{ . | quote }}
{{- end }}
{{- with $id.tenantId }}
- name: AZURE_TENANT_ID
  value: {{ . | quote }}
{{- end }}
{{- if eq $id.mode "workload" }}
- name: AZURE_FEDERATED_TOKEN_FILE
  value: /var/run/secrets/vnetcni.dev/azure/token
{{- else if eq $id.mode "certificate" }}
- name: AZURE_CLIENT_CERTIFICATE_PATH
  value: /var/run/secrets/vnetcni.dev/certificate/client
{{- else if has $id.mode (list "secret" "static") }}
- name: {{ ternary "AZURE_CLIENT_SECRET" "VNETCNI_ARM_TOKEN" (eq $id.mode "secret") }}
  valueFrom:
    secretKeyRef:
      name: {{ $id.existingSecret }}
      key: {{ $id.secretKey }}
{{- end }}
{{- end -}}

{{- define "vnetcni.operator.azureMounts" -}}
{{- $id := .Values.azure.identity }}
{{- if eq $id.mode "workload" }}
- name: azure-token
  mountPath: /var/run/secrets/vnetcni.dev/azure
  readOnly: true
{{- end }}
{{- if eq $id.mode "certificate" }}
- name: azure-certificate
  mountPath: /var/run/secrets/vnetcni.dev/certificate
  readOnly: true
{{- end }}
{{- if .Values.azure.armCaSecret.name }}
- name: arm-ca
  mountPath: /etc/vnetcni/arm
  readOnly: true
{{- end }}
{{- end -}}

{{- define "vnetcni.operator.azureVolumes" -}}
{{- $id := .Values.azure.identity }}
{{- if eq $id.mode "workload" }}
# The pod's own: no webhook has to be there before it, and the API server's token is another.
- name: azure-token
  projected:
    sources:
      - serviceAccountToken:
          audience: {{ $id.tokenAudience | quote }}
          expirationSeconds: 3600
          path: token
{{- end }}
{{- if eq $id.mode "certificate" }}
- name: azure-certificate
  secret:
    secretName: {{ $id.existingSecret }}
    items:
      - key: {{ $id.secretKey }}
        path: client
{{- end }}
{{- if .Values.azure.armCaSecret.name }}
- name: arm-ca
  secret:
    secretName: {{ .Values.azure.armCaSecret.name }}
    items:
      - key: {{ .Values.azure.armCaSecret.key }}
        path: ca.crt
{{- end }}
{{- end -}}
