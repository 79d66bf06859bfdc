variable "name" { type = string }
variable "tags" { 
  type = map(string) 
  default = {} 
}
resource "aws_s3_bucket" "this" {
  bucket = var.name
  tags = var.tags
}
resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration { status = "Enabled" }
}
output "bucket_name" { value = aws_s3_bucket.this.bucket }
