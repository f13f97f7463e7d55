#!/usr/bin/env bash
# Gradescope runs this once, when it builds the autograder.
set -e
apt-get update
apt-get install -y python3 python3-pip python3-venv git
python3 -m venv /autograder/venv
source /autograder/venv/bin/activate
@install@
