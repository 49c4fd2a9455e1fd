namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>
/// The fields of the built-in kinds. A line is a type with its fields and their types: s text, i whole number, n number, b
/// boolean, t time, q quantity, x anything, {t} map, [t] list; after a list its merge keys or "set"; ! marks what is owned
/// as a whole. Source: the Kubernetes OpenAPI document, v1.35.
/// </summary>
internal static class BuiltInTypes
{
    public const string Table =
        """
        AWSElasticBlockStoreVolumeSource fsType:s partition:i readOnly:b volumeID:s
        Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
        AppArmorProfile localhostProfile:s type:s
        AttachedVolume devicePath:s name:s
        AzureDiskVolumeSource cachingMode:s diskName:s diskURI:s fsType:s kind:s readOnly:b
        AzureFileVolumeSource readOnly:b secretName:s shareName:s
        CSIVolumeSource driver:s fsType:s nodePublishSecretRef:LocalObjectReference readOnly:b volumeAttributes:{s}
        Capabilities add:[s] drop:[s]
        CephFSVolumeSource monitors:[s] path:s readOnly:b secretFile:s secretRef:LocalObjectReference user:s
        CinderVolumeSource fsType:s readOnly:b secretRef:LocalObjectReference volumeID:s
        ClusterTrustBundleProjection labelSelector:LabelSelector name:s optional:b path:s signerName:s user:i
        ConfigMapEnvSource name:s optional:b
        ConfigMapKeySelector! key:s name:s optional:b
        ConfigMapNodeConfigSource kubeletConfigKey:s name:s namespace:s resourceVersion:s uid:s
        ConfigMapProjection items:[KeyToPath] name:s optional:b
        ConfigMapVolumeSource defaultMode:i defaultUser:i items:[KeyToPath] name:s optional:b
        Container args:[s] command:[s] env:[EnvVar]:name envFrom:[EnvFromSource] image:s imagePullPolicy:s lifecycle:Lifecycle
          livenessProbe:Probe name:s ports:[ContainerPort]:containerPort,protocol readinessProbe:Probe
          resizePolicy:[ContainerResizePolicy] resources:ResourceRequirements restartPolicy:s restartPolicyRules:[ContainerRestartRule]
          securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b terminationMessagePath:s terminationMessagePolicy:s
          tty:b volumeDevices:[VolumeDevice]:devicePath volumeMounts:[VolumeMount]:mountPath workingDir:s
        ContainerExtendedResourceRequest containerName:s requestName:s resourceName:s
        ContainerImage names:[s] sizeBytes:i
        ContainerPort containerPort:i hostIP:s hostPort:i name:s protocol:s
        ContainerResizePolicy resourceName:s restartPolicy:s
        ContainerRestartRule action:s exitCodes:ContainerRestartRuleOnExitCodes
        ContainerRestartRuleOnExitCodes operator:s values:[i]
        ContainerState running:ContainerStateRunning terminated:ContainerStateTerminated waiting:ContainerStateWaiting
        ContainerStateRunning startedAt:t
        ContainerStateTerminated containerID:s exitCode:i finishedAt:t message:s reason:s signal:i startedAt:t
        ContainerStateWaiting message:s reason:s
        ContainerStatus allocatedResources:{q} allocatedResourcesStatus:[ResourceStatus] containerID:s image:s imageID:s
          lastState:ContainerState name:s ready:b resources:ResourceRequirements restartCount:i started:b state:ContainerState
          stopSignal:s user:ContainerUser volumeMounts:[VolumeMountStatus]
        ContainerUser linux:LinuxContainerUser
        CustomResourceColumnDefinition description:s format:s jsonPath:s name:s priority:i type:s
        CustomResourceConversion strategy:s webhook:WebhookConversion
        CustomResourceDefinition metadata:ObjectMeta spec:CustomResourceDefinitionSpec status:CustomResourceDefinitionStatus
        CustomResourceDefinitionCondition lastTransitionTime:t message:s observedGeneration:i reason:s status:s type:s
        CustomResourceDefinitionNames categories:[s] kind:s listKind:s plural:s shortNames:[s] singular:s
        CustomResourceDefinitionSpec conversion:CustomResourceConversion group:s names:CustomResourceDefinitionNames
          preserveUnknownFields:b scope:s versions:[CustomResourceDefinitionVersion]
        CustomResourceDefinitionStatus acceptedNames:CustomResourceDefinitionNames conditions:[CustomResourceDefinitionCondition]:type
          observedGeneration:i storedVersions:[s]
        CustomResourceDefinitionVersion additionalPrinterColumns:[CustomResourceColumnDefinition] deprecated:b deprecationWarning:s name:s
          schema:CustomResourceValidation selectableFields:[SelectableField] served:b storage:b subresources:CustomResourceSubresources
        CustomResourceSubresourceScale labelSelectorPath:s specReplicasPath:s statusReplicasPath:s
        CustomResourceSubresourceStatus
        CustomResourceSubresources scale:CustomResourceSubresourceScale status:CustomResourceSubresourceStatus
        CustomResourceValidation openAPIV3Schema:JSONSchemaProps
        DaemonEndpoint Port:i
        DeleteOptions dryRun:[s] gracePeriodSeconds:i orphanDependents:b preconditions:Preconditions propagationPolicy:s
        DownwardAPIProjection items:[DownwardAPIVolumeFile]
        DownwardAPIVolumeFile fieldRef:ObjectFieldSelector mode:i path:s resourceFieldRef:ResourceFieldSelector user:i
        DownwardAPIVolumeSource defaultMode:i defaultUser:i items:[DownwardAPIVolumeFile]
        EmptyDirVolumeSource medium:s mode:i sizeLimit:q
        EnvFromSource configMapRef:ConfigMapEnvSource prefix:s secretRef:SecretEnvSource
        EnvVar name:s value:s valueFrom:EnvVarSource
        EnvVarSource configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector
          resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
        EphemeralContainer args:[s] command:[s] env:[EnvVar]:name envFrom:[EnvFromSource] image:s imagePullPolicy:s lifecycle:Lifecycle
          livenessProbe:Probe name:s ports:[ContainerPort]:containerPort,protocol readinessProbe:Probe
          resizePolicy:[ContainerResizePolicy] resources:ResourceRequirements restartPolicy:s restartPolicyRules:[ContainerRestartRule]
          securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b targetContainerName:s terminationMessagePath:s
          terminationMessagePolicy:s tty:b volumeDevices:[VolumeDevice]:devicePath volumeMounts:[VolumeMount]:mountPath workingDir:s
        EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
        Event action:s count:i eventTime:t firstTimestamp:t involvedObject:ObjectReference lastTimestamp:t message:s metadata:ObjectMeta
          reason:s related:ObjectReference reportingComponent:s reportingInstance:s series:EventSeries source:EventSource type:s
        EventSeries count:i lastObservedTime:t
        EventSource component:s host:s
        EvictionResponder name:s priority:i
        ExecAction command:[s]
        ExternalDocumentation description:s url:s
        FCVolumeSource fsType:s lun:i readOnly:b targetWWNs:[s] wwids:[s]
        FileKeySelector key:s optional:b path:s volumeName:s
        FlexVolumeSource driver:s fsType:s options:{s} readOnly:b secretRef:LocalObjectReference
        FlockerVolumeSource datasetName:s datasetUUID:s
        GCEPersistentDiskVolumeSource fsType:s partition:i pdName:s readOnly:b
        GRPCAction mode:s port:i service:s
        GitRepoVolumeSource directory:s repository:s revision:s
        GlusterfsVolumeSource endpoints:s path:s readOnly:b
        HTTPGetAction host:s httpHeaders:[HTTPHeader] path:s port:q protocol:s scheme:s
        HTTPHeader name:s value:s
        HostAlias hostnames:[s] ip:s
        HostIP ip:s
        HostPathVolumeSource path:s type:s
        ISCSIVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s iscsiInterface:s lun:i portals:[s]
          readOnly:b secretRef:LocalObjectReference targetPortal:s
        ImageVolumeSource pullPolicy:s reference:s
        ImageVolumeStatus imageRef:s
        JSONSchemaProps $ref:s $schema:s additionalItems:x additionalProperties:x allOf:[JSONSchemaProps] anyOf:[JSONSchemaProps] default:x
          definitions:{JSONSchemaProps} dependencies:x description:s enum:[x] example:x exclusiveMaximum:b exclusiveMinimum:b
          externalDocs:ExternalDocumentation format:s id:s items:x maxItems:i maxLength:i maxProperties:i maximum:n minItems:i minLength:i
          minProperties:i minimum:n multipleOf:n not:JSONSchemaProps nullable:b oneOf:[JSONSchemaProps] pattern:s
          patternProperties:{JSONSchemaProps} properties:{JSONSchemaProps} required:[s] title:s type:s uniqueItems:b
          x-kubernetes-embedded-resource:b x-kubernetes-int-or-string:b x-kubernetes-list-map-keys:[s] x-kubernetes-list-type:s
          x-kubernetes-map-type:s x-kubernetes-preserve-unknown-fields:b x-kubernetes-validations:[ValidationRule]
        KeyToPath key:s mode:i path:s user:i
        LabelSelector! matchExpressions:[LabelSelectorRequirement] matchLabels:{s}
        LabelSelectorRequirement key:s operator:s values:[s]
        Lease metadata:ObjectMeta spec:LeaseSpec
        LeaseSpec acquireTime:t holderIdentity:s leaseDurationSeconds:i leaseTransitions:i preferredHolder:s renewTime:t strategy:s
        Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s
        LifecycleHandler exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
        LinuxContainerUser gid:i supplementalGroups:[i] uid:i
        LocalObjectReference! name:s
        NFSVolumeSource path:s readOnly:b server:s
        Namespace metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus
        NamespaceCondition lastTransitionTime:t message:s reason:s status:s type:s
        NamespaceSpec finalizers:[s]
        NamespaceStatus conditions:[NamespaceCondition]:type phase:s
        Node metadata:ObjectMeta spec:NodeSpec status:NodeStatus
        NodeAddress address:s type:s
        NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]
          requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
        NodeAllocatableMappedResources name:s quantity:q
        NodeAllocatableOverheadResources name:s perContainer:q perPod:q
        NodeAllocatableResourceClaimStatus containers:[s] mapping:[NodeAllocatableMappedResources]
          overhead:[NodeAllocatableOverheadResources] resourceClaimName:s
        NodeCondition lastHeartbeatTime:t lastTransitionTime:t message:s reason:s status:s type:s
        NodeConfigSource configMap:ConfigMapNodeConfigSource
        NodeConfigStatus active:NodeConfigSource assigned:NodeConfigSource error:s lastKnownGood:NodeConfigSource
        NodeDaemonEndpoints kubeletEndpoint:DaemonEndpoint
        NodeFeatures supplementalGroupsPolicy:b
        NodePodPreemptionPolicy disableResizePreemption:[s]
        NodeRuntimeHandler features:NodeRuntimeHandlerFeatures name:s
        NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:b userNamespaces:b
        NodeSelector! nodeSelectorTerms:[NodeSelectorTerm]
        NodeSelectorRequirement key:s operator:s values:[s]
        NodeSelectorTerm! matchExpressions:[NodeSelectorRequirement] matchFields:[NodeSelectorRequirement]
        NodeSpec configSource:NodeConfigSource externalID:s podCIDR:s podCIDRs:[s]:set podPreemptionPolicy:NodePodPreemptionPolicy
          providerID:s taints:[Taint] unschedulable:b
        NodeStatus addresses:[NodeAddress]:type allocatable:{q} capacity:{q} conditions:[NodeCondition]:type config:NodeConfigStatus
          daemonEndpoints:NodeDaemonEndpoints declaredFeatures:[s] features:NodeFeatures images:[ContainerImage] nodeInfo:NodeSystemInfo
          phase:s runtimeHandlers:[NodeRuntimeHandler] volumesAttached:[AttachedVolume] volumesInUse:[s]
        NodeSwapStatus capacity:i
        NodeSystemInfo architecture:s bootID:s containerRuntimeVersion:s kernelVersion:s kubeProxyVersion:s kubeletVersion:s machineID:s
          operatingSystem:s osImage:s runningInUserNamespace:b swap:NodeSwapStatus systemUUID:s
        ObjectFieldSelector! apiVersion:s fieldPath:s
        ObjectReference apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s
        PersistentVolumeClaimSpec accessModes:[s] dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference
          resources:VolumeResourceRequirements selector:LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s
          volumeName:s
        PersistentVolumeClaimTemplate metadata:ObjectMeta spec:PersistentVolumeClaimSpec
        PersistentVolumeClaimVolumeSource claimName:s readOnly:b
        PhotonPersistentDiskVolumeSource fsType:s pdID:s
        Pod metadata:ObjectMeta spec:PodSpec status:PodStatus
        PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
          requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
        PodAffinityTerm labelSelector:LabelSelector matchLabelKeys:[s] mismatchLabelKeys:[s] namespaceSelector:LabelSelector
          namespaces:[s] topologyKey:s
        PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
          requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
        PodCertificateProjection certificateChainPath:s credentialBundlePath:s keyPath:s keyType:s maxExpirationSeconds:i signerName:s
          user:i userAnnotations:{s}
        PodCondition lastProbeTime:t lastTransitionTime:t message:s observedGeneration:i reason:s status:s type:s
        PodDNSConfig nameservers:[s] options:[PodDNSConfigOption] searches:[s]
        PodDNSConfigOption name:s value:s
        PodExtendedResourceClaimStatus requestMappings:[ContainerExtendedResourceRequest] resourceClaimName:s
        PodIP ip:s
        PodOS name:s
        PodReadinessGate conditionType:s
        PodResourceClaim name:s resourceClaimName:s resourceClaimTemplateName:s
        PodResourceClaimStatus name:s resourceClaimName:s
        PodSchedulingGate name:s
        PodSchedulingGroup podGroupName:s
        PodSecurityContext appArmorProfile:AppArmorProfile fsGroup:i fsGroupChangePolicy:s runAsGroup:i runAsNonRoot:b runAsUser:i
          seLinuxChangePolicy:s seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:[i]
          supplementalGroupsPolicy:s sysctls:[Sysctl] windowsOptions:WindowsSecurityContextOptions
        PodSpec activeDeadlineSeconds:i affinity:Affinity automountServiceAccountToken:b containers:[Container]:name
          dnsConfig:PodDNSConfig dnsPolicy:s enableServiceLinks:b ephemeralContainers:[EphemeralContainer]:name
          evictionResponders:[EvictionResponder] hostAliases:[HostAlias]:ip hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname:s
          hostnameOverride:s imagePullSecrets:[LocalObjectReference]:name initContainers:[Container]:name nodeName:s nodeSelector:{s}!
          os:PodOS overhead:{q} preemptionPolicy:s priority:i priorityClassName:s readinessGates:[PodReadinessGate]
          resourceClaims:[PodResourceClaim]:name resources:ResourceRequirements restartPolicy:s runtimeClassName:s schedulerName:s
          schedulingGates:[PodSchedulingGate]:name schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext
          serviceAccount:s serviceAccountName:s setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:i
          tolerations:[Toleration] topologySpreadConstraints:[TopologySpreadConstraint]:topologyKey,whenUnsatisfiable
          volumes:[Volume]:name
        PodStatus allocatedResources:{q} conditions:[PodCondition]:type containerStatuses:[ContainerStatus]
          ephemeralContainerStatuses:[ContainerStatus] extendedResourceClaimStatus:PodExtendedResourceClaimStatus hostIP:s
          hostIPs:[HostIP] initContainerStatuses:[ContainerStatus] message:s
          nodeAllocatableResourceClaimStatuses:[NodeAllocatableResourceClaimStatus] nominatedNodeName:s observedGeneration:i phase:s
          podIP:s podIPs:[PodIP]:ip qosClass:s reason:s resize:s resourceClaimStatuses:[PodResourceClaimStatus]:name
          resources:ResourceRequirements startTime:t volumeHealth:[PodVolumeHealth]
        PodVolumeHealth healthConditions:[VolumeHealthCondition] lastTransitionTime:t name:s
        PortworxVolumeSource fsType:s readOnly:b volumeID:s
        Preconditions resourceVersion:s uid:s
        PreferredSchedulingTerm preference:NodeSelectorTerm weight:i
        Probe exec:ExecAction failureThreshold:i grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:i periodSeconds:i
          successThreshold:i tcpSocket:TCPSocketAction terminationGracePeriodSeconds:i timeoutSeconds:i
        ProjectedVolumeSource defaultMode:i defaultUser:i sources:[VolumeProjection]
        QuobyteVolumeSource group:s readOnly:b registry:s tenant:s user:s volume:s
        RBDVolumeSource fsType:s image:s keyring:s monitors:[s] pool:s readOnly:b secretRef:LocalObjectReference user:s
        ResourceClaim name:s request:s
        ResourceFieldSelector! containerName:s divisor:q resource:s
        ResourceHealth health:s message:s resourceID:s
        ResourceRequirements claims:[ResourceClaim]:name limits:{q} requests:{q}
        ResourceStatus name:s resources:[ResourceHealth]
        SELinuxOptions level:s role:s type:s user:s
        ScaleIOVolumeSource fsType:s gateway:s protectionDomain:s readOnly:b secretRef:LocalObjectReference sslEnabled:b storageMode:s
          storagePool:s system:s volumeName:s
        SeccompProfile localhostProfile:s type:s
        SecretEnvSource name:s optional:b
        SecretKeySelector! key:s name:s optional:b
        SecretProjection items:[KeyToPath] name:s optional:b
        SecretVolumeSource defaultMode:i defaultUser:i items:[KeyToPath] optional:b secretName:s
        SecurityContext allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:b procMount:s
          readOnlyRootFilesystem:b runAsGroup:i runAsNonRoot:b runAsUser:i seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile
          windowsOptions:WindowsSecurityContextOptions
        SelectableField jsonPath:s
        ServiceAccountTokenProjection audience:s expirationSeconds:i path:s user:i
        ServiceReference name:s namespace:s path:s port:i
        SleepAction seconds:i
        StorageOSVolumeSource fsType:s readOnly:b secretRef:LocalObjectReference volumeName:s volumeNamespace:s
        Sysctl name:s value:s
        TCPSocketAction host:s port:q
        Taint effect:s key:s timeAdded:t value:s
        Toleration effect:s key:s operator:s tolerationSeconds:i value:s
        TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:[s] maxSkew:i minDomains:i nodeAffinityPolicy:s
          nodeTaintsPolicy:s topologyKey:s whenUnsatisfiable:s
        TypedLocalObjectReference! apiGroup:s kind:s name:s
        TypedObjectReference apiGroup:s kind:s name:s namespace:s
        ValidationRule fieldPath:s message:s messageExpression:s optionalOldSelf:b reason:s rule:s
        Volume awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFileVolumeSource
          cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource csi:CSIVolumeSource
          downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource
          flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource
          gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource
          iscsi:ISCSIVolumeSource name:s nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource
          photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource
          quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource
          storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource
        VolumeDevice devicePath:s name:s
        VolumeHealthCondition message:s reason:s status:s
        VolumeMount bindMountOptions:[s] mountPath:s mountPropagation:s name:s readOnly:b recursiveReadOnly:s subPath:s subPathExpr:s
        VolumeMountStatus mountPath:s name:s readOnly:b recursiveReadOnly:s volumeStatus:VolumeStatus
        VolumeProjection clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection
          podCertificate:PodCertificateProjection secret:SecretProjection serviceAccountToken:ServiceAccountTokenProjection
        VolumeResourceRequirements limits:{q} requests:{q}
        VolumeStatus image:ImageVolumeStatus
        VsphereVirtualDiskVolumeSource fsType:s storagePolicyID:s storagePolicyName:s volumePath:s
        WebhookClientConfig caBundle:s service:ServiceReference url:s
        WebhookConversion clientConfig:WebhookClientConfig conversionReviewVersions:[s]
        WeightedPodAffinityTerm podAffinityTerm:PodAffinityTerm weight:i
        WindowsSecurityContextOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
        """;
}
