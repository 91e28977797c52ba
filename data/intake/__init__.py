"""Intake: files in, accepted rows or every problem out. Columns are an allow-list; what describes a person never enters."""
