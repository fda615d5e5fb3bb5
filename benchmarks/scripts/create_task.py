"""Run by the official client's interpreter: call one of its methods that create a task."""

import json
import sys

import fastlabel

method, arguments = sys.argv[1:]
getattr(fastlabel.Client(), method)(**json.loads(arguments))
