# Azure: a standard load balancer for TCP, an Application Gateway for HTTP, in front of servers that speak TLS themselves
# (tls.mode = on). Never applied: a test compares it with the server's configuration.

terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 4.0"
    }
  }
}

variable "resource_group" { type = string }
variable "location" { type = string }
variable "subnet" {
  type        = string
  description = "Id of the Application Gateway's own subnet"
}
variable "servers" {
  type        = list(string)
  description = "Addresses of the servers"
}
variable "host" {
  type        = string
  description = "Name for which the servers' certificate is"
}
variable "authority" {
  type        = string
  description = "File with the root of the servers' certificate, .cer"
}
variable "certificate" {
  type        = string
  description = "Key Vault id of the certificate that the gateway shows"
}
variable "identity" {
  type        = string
  description = "Id of the managed identity that may read it"
}

resource "azurerm_public_ip" "tcp" {
  name                = "pganalytics-tcp"
  resource_group_name = var.resource_group
  location            = var.location
  allocation_method   = "Static"
  sku                 = "Standard"
}

resource "azurerm_lb" "tcp" {
  name                = "pganalytics-tcp"
  resource_group_name = var.resource_group
  location            = var.location
  sku                 = "Standard"
  frontend_ip_configuration {
    name                 = "public"
    public_ip_address_id = azurerm_public_ip.tcp.id
  }
}

# The servers' network interfaces are to be members.
resource "azurerm_lb_backend_address_pool" "tcp" {
  name            = "servers"
  loadbalancer_id = azurerm_lb.tcp.id
}

# A probe that fails sends new connections elsewhere and leaves those that are there, until the server has settled and closed them:
# this balancer has no drain time of its own.
resource "azurerm_lb_probe" "tcp" {
  name                = "ready"
  loadbalancer_id     = azurerm_lb.tcp.id
  protocol            = "Https"
  port                = 9464
  request_path        = "/health/ready"
  interval_in_seconds = 5
  probe_threshold     = 2
}

# TLS and the collectors' addresses go through to the servers. Silence closes a connection long after tcp.idle-time.
resource "azurerm_lb_rule" "tcp" {
  name                           = "tcp"
  loadbalancer_id                = azurerm_lb.tcp.id
  protocol                       = "Tcp"
  frontend_port                  = 7431
  backend_port                   = 7431
  frontend_ip_configuration_name = "public"
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.tcp.id]
  probe_id                       = azurerm_lb_probe.tcp.id
  idle_timeout_in_minutes        = 5
}

resource "azurerm_public_ip" "http" {
  name                = "pganalytics-http"
  resource_group_name = var.resource_group
  location            = var.location
  allocation_method   = "Static"
  sku                 = "Standard"
}

resource "azurerm_application_gateway" "http" {
  name                = "pganalytics-http"
  resource_group_name = var.resource_group
  location            = var.location
  sku {
    name     = "Standard_v2"
    tier     = "Standard_v2"
    capacity = 2
  }
  identity {
    type         = "UserAssigned"
    identity_ids = [var.identity]
  }
  ssl_policy {
    policy_type = "Predefined"
    policy_name = "AppGwSslPolicy20220101S"
  }
  gateway_ip_configuration {
    name      = "gateway"
    subnet_id = var.subnet
  }
  frontend_ip_configuration {
    name                 = "public"
    public_ip_address_id = azurerm_public_ip.http.id
  }
  frontend_port {
    name = "https"
    port = 443
  }
  ssl_certificate {
    name                = "shown"
    key_vault_secret_id = var.certificate
  }
  trusted_root_certificate {
    name = "servers"
    data = filebase64(var.authority)
  }
  backend_address_pool {
    name         = "servers"
    ip_addresses = var.servers
  }
  probe {
    name                = "ready"
    protocol            = "Https"
    host                = var.host
    port                = 9464
    path                = "/health/ready"
    interval            = 5
    timeout             = 3
    unhealthy_threshold = 2
    match {
      status_code = ["200"]
    }
  }
  backend_http_settings {
    name                  = "servers"
    protocol              = "Https"
    port                  = 8080
    host_name             = var.host
    cookie_based_affinity = "Disabled"
    # Leave it out, and the root above, when a public authority made the servers' certificate.
    trusted_root_certificate_names = ["servers"]
    # The longest request: a push of version 3 (v3.push-time).
    request_timeout = 660
    probe_name      = "ready"
    # A server that stops has settled what is in flight by then (shutdown.within).
    connection_draining {
      enabled           = true
      drain_timeout_sec = 30
    }
  }
  http_listener {
    name                           = "https"
    frontend_ip_configuration_name = "public"
    frontend_port_name             = "https"
    protocol                       = "Https"
    ssl_certificate_name           = "shown"
  }
  request_routing_rule {
    name                       = "all"
    rule_type                  = "Basic"
    priority                   = 100
    http_listener_name         = "https"
    backend_address_pool_name  = "servers"
    backend_http_settings_name = "servers"
  }
}
