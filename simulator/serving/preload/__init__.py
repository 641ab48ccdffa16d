"""What programs of other people read before they begin; nothing in here may need anything of ours."""
