"""Several machines: brokers in a cluster, one of them killed."""
