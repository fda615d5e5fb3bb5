"""The sample workspace behind `fastlabel demo`."""
