"""What channels of any platform need: HTTP, fields of JSON, folders, tables, forms."""
