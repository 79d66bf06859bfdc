terraform { required_version = ">= 1.5.0" }
provider "aws" { region = var.region }
variable "region" { type = string }
variable "bucket_name" { type = string }
variable "my_ip" {
  type = string
  description = "who may come in"
  validation {
    condition     = length(var.my_ip) > 8
    error_message = "Write an address"
  }
}
variable "instance_type" { 
  type = string 
  default = "g4dn.xlarge" 
}
variable "ami" { type = string }
locals {
  common = { owner = "ml-team", env = terraform.workspace }
  name   = "trainer-${terraform.workspace}"
}
resource "aws_s3_bucket" "artifacts" {
  bucket = var.bucket_name
  tags   = merge({ project = "ml" }, { env = "dev" })
}
resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.artifacts.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.artifacts.id
  rule {
    id     = "archive-old"
    status = "Enabled"
    noncurrent_version_transition {
      noncurrent_days = 30
      storage_class   = "STANDARD_IA"
    }
  }
}
resource "aws_security_group" "ssh" {
  name        = "ssh-from-one-address"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.my_ip]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = local.common
}
resource "aws_instance" "gpu" {
  ami                    = var.ami
  instance_type          = var.instance_type
  vpc_security_group_ids = [aws_security_group.ssh.id]
  count                  = var.my_ip != "" ? 1 : 0
  tags = { Name = local.name }
  user_data = "#!/bin/sh\necho ${var.bucket_name}\n"
  lifecycle { ignore_changes = [ami] }
}
module "features" {
  source   = "./modules/ml_bucket"
  for_each = toset(["datasets", "features"])
  name     = "ml-${each.key}-dev-123"
  tags     = { env = "dev" }
}
output "bucket" { value = aws_s3_bucket.artifacts.bucket }
output "gpu_id" { 
  value = aws_instance.gpu[0].id 
  description = "the machine"
}
output "features" { value = module.features["features"].bucket_name }
