region      = "us-east-1"
bucket_name = "ml-platform-dev-artifacts"
my_ip       = "203.0.113.5/32"
ami         = "ami-0a1b2c3d4e5f60718"
