
BxJdnx‚Œ–