# AWS: a network load balancer for TCP, an application load balancer for HTTP, in front of servers that speak TLS themselves
# (tls.mode = on). Never applied: a test compares it with the server's configuration.

# tcp_idle_timeout_seconds came with 5.73.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.73"
    }
  }
}

variable "vpc" { type = string }
variable "subnets" { type = list(string) }
variable "certificate" {
  type        = string
  description = "ARN of the certificate that the application load balancer shows"
}
variable "security_groups" {
  type        = list(string)
  description = "Of the application load balancer; the servers must let them in to 8080 and 9464"
}

resource "aws_lb" "tcp" {
  name                             = "pganalytics-tcp"
  load_balancer_type               = "network"
  subnets                          = var.subnets
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "tcp" {
  name        = "pganalytics-tcp"
  vpc_id      = var.vpc
  target_type = "ip"
  protocol    = "TCP"
  port        = 7431
  # The servers limit strangers by their address.
  preserve_client_ip = true
  # A server that stops has settled what is in flight by then (shutdown.within).
  deregistration_delay   = 30
  connection_termination = false
  health_check {
    protocol            = "HTTPS"
    port                = 9464
    path                = "/health/ready"
    matcher             = "200"
    interval            = 5
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

# TLS goes through to the servers. Silence closes a connection after 350 s, long after tcp.idle-time.
resource "aws_lb_listener" "tcp" {
  load_balancer_arn        = aws_lb.tcp.arn
  protocol                 = "TCP"
  port                     = 7431
  tcp_idle_timeout_seconds = 350
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tcp.arn
  }
}

resource "aws_lb" "http" {
  name               = "pganalytics-http"
  load_balancer_type = "application"
  subnets            = var.subnets
  security_groups    = var.security_groups
  # Longer than a push may wait for its answer (v3.retry-wait), shorter than http.idle-time: else a request could meet a closing server.
  idle_timeout = 55
}

resource "aws_lb_target_group" "http" {
  name                          = "pganalytics-http"
  vpc_id                        = var.vpc
  target_type                   = "ip"
  protocol                      = "HTTPS"
  port                          = 8080
  load_balancing_algorithm_type = "least_outstanding_requests"
  deregistration_delay          = 30
  health_check {
    protocol            = "HTTPS"
    port                = 9464
    path                = "/health/ready"
    matcher             = "200"
    interval            = 5
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.http.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.http.arn
  }
}
