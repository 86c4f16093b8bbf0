"""The embedded SMART authorization server: connects an EHR or a partner app without anything being bought."""
