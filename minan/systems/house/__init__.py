"""The register of the house 登记簿: who was given which role, which rule was changed, what was exported, what was erased."""
