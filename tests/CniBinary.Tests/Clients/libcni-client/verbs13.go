// The verbs of CNI 1.1, which libcni has since 1.2: this file is left out where the tests' client is built against an older one.
//
//	usage: libcni-client status NETWORK
//	       libcni-client gc NETWORK [CONTAINERID...]      the attachments that are valid: eth0 of these
package main

import (
	"context"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types"
)

func init() {
	listVerbs["status"] = func(cni *libcni.CNIConfig, list *libcni.NetworkConfigList, _ []string) error {
		return cni.GetStatusNetworkList(context.Background(), list)
	}
	listVerbs["gc"] = func(cni *libcni.CNIConfig, list *libcni.NetworkConfigList, ids []string) error {
		// Not nil: none valid is said by an empty list.
		valid := []types.GCAttachment{}
		for _, id := range ids {
			valid = append(valid, types.GCAttachment{ContainerID: id, IfName: "eth0"})
		}
		return cni.GCNetworkList(context.Background(), list, &libcni.GCArgs{ValidAttachments: valid})
	}
}
