# The role of vnetcni's operator, and its assignments. The same actions as in role.json and role.bicep: a test compares the three.

terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 4.0"
    }
  }
}

variable "role_scope" {
  description = "Where the role can be given: a subscription's id."
  type        = string
}

variable "principal_id" {
  description = "Object id (principal id) of the operator's identity."
  type        = string
}

variable "scopes" {
  description = "Ids of the resource groups of the nodes and of the virtual networks."
  type        = set(string)
}

locals {
  actions = [
    "Microsoft.Authorization/permissions/read",
    "Microsoft.Authorization/denyAssignments/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/networkInterfaces/write",
    "Microsoft.Network/locations/operations/read",
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachineScaleSets/read",
    "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces/read",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces/read",
    "Microsoft.Compute/locations/operations/read",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/usages/read",
    "Microsoft.Network/virtualNetworks/checkIpAddressAvailability/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.Network/networkSecurityGroups/join/action",
    "Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action",
    "Microsoft.Network/publicIPAddresses/join/action",
    "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
    "Microsoft.Network/loadBalancers/inboundNatRules/join/action",
    "Microsoft.Network/loadBalancers/inboundNatPools/join/action",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
  ]
}

resource "azurerm_role_definition" "vnetcni" {
  name              = "vnetcni operator"
  scope             = var.role_scope
  description       = "Adds and removes secondary ipConfigurations of the interfaces of Kubernetes nodes for vnetcni."
  assignable_scopes = [var.role_scope]

  permissions {
    actions     = local.actions
    not_actions = []
  }
}

resource "azurerm_role_assignment" "vnetcni" {
  for_each           = var.scopes
  scope              = each.value
  role_definition_id = azurerm_role_definition.vnetcni.role_definition_resource_id
  principal_id       = var.principal_id
  principal_type     = "ServicePrincipal"
}
