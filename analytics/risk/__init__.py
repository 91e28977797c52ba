"""Methods of the risk outlook: arrays and frames in, arrays and frames out; no data source, no clock."""
