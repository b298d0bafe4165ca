# Google Cloud: a passthrough network load balancer for TCP, an application load balancer for HTTP, in front of servers that
# speak TLS themselves (tls.mode = on). Never applied: a test compares it with the server's configuration.

terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

variable "region" { type = string }
variable "group" {
  type        = string
  description = "Instance group of the servers, with the named port http: 8080"
}
variable "certificate" {
  type        = string
  description = "Self link of the certificate that the application load balancer shows"
}

resource "google_compute_region_health_check" "tcp" {
  name                = "pganalytics-tcp"
  region              = var.region
  check_interval_sec  = 5
  timeout_sec         = 3
  healthy_threshold   = 2
  unhealthy_threshold = 2
  https_health_check {
    port         = 9464
    request_path = "/health/ready"
  }
}

resource "google_compute_region_backend_service" "tcp" {
  name                  = "pganalytics-tcp"
  region                = var.region
  load_balancing_scheme = "EXTERNAL"
  protocol              = "TCP"
  health_checks         = [google_compute_region_health_check.tcp.id]
  # A server that stops has settled what is in flight by then (shutdown.within).
  connection_draining_timeout_sec = 30
  backend {
    group          = var.group
    balancing_mode = "CONNECTION"
  }
}

# TLS and the collectors' addresses go through to the servers.
resource "google_compute_forwarding_rule" "tcp" {
  name                  = "pganalytics-tcp"
  region                = var.region
  load_balancing_scheme = "EXTERNAL"
  ip_protocol           = "TCP"
  ports                 = ["7431"]
  backend_service       = google_compute_region_backend_service.tcp.id
}

resource "google_compute_health_check" "http" {
  name                = "pganalytics-http"
  check_interval_sec  = 5
  timeout_sec         = 3
  healthy_threshold   = 2
  unhealthy_threshold = 2
  https_health_check {
    port         = 9464
    request_path = "/health/ready"
  }
}

resource "google_compute_backend_service" "http" {
  name                  = "pganalytics-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  port_name             = "http"
  health_checks         = [google_compute_health_check.http.id]
  # The longest request: a push of version 3 (v3.push-time). The balancer keeps connections for 600 s: set http.idle-time = 620s.
  timeout_sec                     = 660
  connection_draining_timeout_sec = 30
  backend {
    group           = var.group
    balancing_mode  = "UTILIZATION"
    capacity_scaler = 1.0
  }
}

resource "google_compute_url_map" "http" {
  name            = "pganalytics-http"
  default_service = google_compute_backend_service.http.id
}

resource "google_compute_ssl_policy" "http" {
  name            = "pganalytics-http"
  min_tls_version = "TLS_1_2"
  profile         = "MODERN"
}

resource "google_compute_target_https_proxy" "http" {
  name             = "pganalytics-http"
  url_map          = google_compute_url_map.http.id
  ssl_certificates = [var.certificate]
  ssl_policy       = google_compute_ssl_policy.http.id
}

resource "google_compute_global_forwarding_rule" "http" {
  name                  = "pganalytics-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_protocol           = "TCP"
  port_range            = "443"
  target                = google_compute_target_https_proxy.http.id
}
