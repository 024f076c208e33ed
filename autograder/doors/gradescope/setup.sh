#!/usr/bin/env bash
# Gradescope runs this once, as root, when it makes an image from the zip.
set -euo pipefail
umask 022
environment=/opt/autograder

if [ ! -x "$environment/bin/python" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # bubblewrap: a better sandbox where the container allows namespaces
  apt-get install -qq -y --no-install-recommends python3 python3-venv bubblewrap
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed: choose a newer base image, such as Ubuntu 24.04"
    exit 1
  }
  python3 -m venv "$environment"
  cd /autograder/source
  "$environment/bin/pip" install --quiet --no-cache-dir -r requirements.txt -c constraints.txt
fi
bash /autograder/source/run_autograder --prepare
