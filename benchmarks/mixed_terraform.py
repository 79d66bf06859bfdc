"""Say in Terraform what ``mixed_stacks`` says in specs, resource for resource. Pure.

Two of gitbot's resources are several there: a bucket is three, a role with a managed policy and a rule with a target two.
"""

from __future__ import annotations

from benchmarks.mixed_stacks import WORDS
from benchmarks.terraform_tool import HEAD

_LOCALS = """
locals {
  teams    = toset([for n in range(TEAMS) : format("team-%02d", n)])
  networks = toset([for n in range(NETWORKS) : tostring(n)])
  projects = toset(flatten([for team in local.teams : [for n in range(4) : "${team}-${n}"]]))
  pairs    = toset(flatten([for team in local.teams : [for n in range(2) : "${team}-${n}"]]))
  buckets  = toset(flatten([for team in local.teams : [for n in range(5) : "${team}-${n}"]]))
  fleet    = toset([for n in range(MACHINES) : "fleet-${n}"])
  machines = setunion(local.projects, local.fleet)
  disks    = setunion(local.pairs, local.fleet)
  tables   = toset(flatten([for net in local.networks : [for n in range(10) : "${net}.${n}"]]))
  subnets  = toset(flatten([for net in local.networks : [for n in range(12) : "${net}.${n}"]]))
  tags     = { owner = "ml-team", cost = "research" }
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
"""
_MACHINES = """
resource "aws_security_group" "group" {
  for_each    = local.machines
  name        = each.key
  description = "of a project"
  tags        = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each          = local.machines
  security_group_id = aws_security_group.group[each.key].id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "203.0.113.5/32"
}

resource "aws_instance" "trainer" {
  for_each               = local.machines
  ami                    = "AMI"
  instance_type          = "g4dn.xlarge"
  vpc_security_group_ids = [aws_security_group.group[each.key].id]
  user_data_base64       = "BOOT"
  tags                   = local.tags
}

resource "aws_ebs_volume" "disk" {
  for_each          = local.disks
  availability_zone = "us-east-1a"
  size              = 100
  type              = "gp3"
  tags              = local.tags
}
"""
_TEAMS = """
resource "aws_iam_role" "role" {
  for_each           = local.projects
  name               = each.key
  assume_role_policy = local.trust
  tags               = local.tags
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each   = local.projects
  role       = aws_iam_role.role[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_cloudwatch_metric_alarm" "idle" {
  for_each            = local.projects
  alarm_name          = each.key
  namespace           = "AWS/EC2"
  metric_name         = "CPUUtilization"
  dimensions          = { InstanceId = aws_instance.trainer[each.key].id }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  threshold           = 5
  comparison_operator = "LessThanThreshold"
  tags                = local.tags
}

resource "aws_cloudwatch_log_group" "logs" {
  for_each          = local.projects
  name              = "/ml/${each.key}"
  retention_in_days = 30
  tags              = local.tags
}

resource "aws_s3_bucket" "bucket" {
  for_each = local.buckets
  bucket   = "bench-${each.key}"
  tags     = local.tags
}

resource "aws_s3_bucket_versioning" "bucket" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.bucket[each.key].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "bucket" {
  for_each                = local.buckets
  bucket                  = aws_s3_bucket.bucket[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_secretsmanager_secret" "secret" {
  for_each    = local.pairs
  name        = each.key
  description = "a token"
  tags        = local.tags
}

resource "aws_ssm_parameter" "parameter" {
  for_each = local.pairs
  name     = "/ml/${each.key}"
  type     = "String"
  value    = "7"
  tags     = { owner = "ml-team" }
}

resource "aws_sqs_queue" "queue" {
  for_each                   = local.pairs
  name                       = each.key
  visibility_timeout_seconds = 60
  tags                       = local.tags
}

resource "aws_sns_topic" "topic" {
  for_each     = local.pairs
  name         = each.key
  display_name = "ml"
  tags         = local.tags
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each            = local.pairs
  name                = each.key
  schedule_expression = "rate(1 day)"
  tags                = local.tags
}

resource "aws_cloudwatch_event_target" "rule" {
  for_each  = local.pairs
  rule      = aws_cloudwatch_event_rule.rule[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.queue[each.key].arn
}

resource "aws_dynamodb_table" "table" {
  for_each     = local.teams
  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "run"
  attribute {
    name = "run"
    type = "S"
  }
  tags = local.tags
}

resource "aws_kms_key" "key" {
  for_each            = local.teams
  description         = each.key
  enable_key_rotation = true
  tags                = local.tags
}

resource "aws_ecr_repository" "images" {
  for_each = local.teams
  name     = each.key
  tags     = local.tags
}
"""
_NETWORKS = """
resource "aws_vpc" "vpc" {
  for_each             = local.networks
  cidr_block           = "10.${each.key + 1}.0.0/16"
  enable_dns_hostnames = true
  tags                 = local.tags
}

resource "aws_internet_gateway" "gateway" {
  for_each = local.networks
  vpc_id   = aws_vpc.vpc[each.key].id
  tags     = local.tags
}

resource "aws_iam_role" "network" {
  for_each           = local.networks
  assume_role_policy = local.trust
  tags               = local.tags
}

resource "aws_iam_instance_profile" "profile" {
  for_each = local.networks
  name     = "network-${each.key}"
  role     = aws_iam_role.network[each.key].name
}

resource "aws_cloudwatch_log_group" "network" {
  for_each = local.networks
  name     = "/vpc/network-${each.key}"
  tags     = local.tags
}

resource "aws_route_table" "table" {
  for_each = local.tables
  vpc_id   = aws_vpc.vpc[split(".", each.key)[0]].id
  tags     = local.tags
}

resource "aws_route" "out" {
  for_each               = local.tables
  route_table_id         = aws_route_table.table[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.gateway[split(".", each.key)[0]].id
}

resource "aws_key_pair" "login" {
  for_each   = local.tables
  key_name   = "network-${replace(each.key, ".", "-")}"
  public_key = "KEY"
  tags       = local.tags
}

resource "aws_subnet" "net" {
  for_each   = local.subnets
  vpc_id     = aws_vpc.vpc[split(".", each.key)[0]].id
  cidr_block = "10.${split(".", each.key)[0] + 1}.${split(".", each.key)[1]}.0/24"
  tags       = local.tags
}

resource "aws_route_table_association" "net" {
  for_each       = local.subnets
  route_table_id = aws_route_table.table["${split(".", each.key)[0]}.${split(".", each.key)[1] % 10}"].id
  subnet_id      = aws_subnet.net[each.key].id
}
"""


def mixed_module(teams: int, networks: int, machines: int = 0) -> str:
    """The root module for so many teams, networks and machines of a fleet."""
    text = HEAD + _LOCALS + _MACHINES + _TEAMS + _NETWORKS
    numbers = {"TEAMS": teams, "NETWORKS": networks, "MACHINES": machines}
    for word in ("AMI", "BOOT", "KEY"):
        text = text.replace(f'"{word}"', f'"{WORDS[word]}"')
    for word, number in numbers.items():
        text = text.replace(f"range({word})", f"range({number})")
    return text
