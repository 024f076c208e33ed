#!/usr/bin/env bash
# Gradescope runs this once, as root, when it makes an image from the zip.
set -euo pipefail
umask 022
environment=/opt/autograder

python() {
  for name in python3 python3.11 python3.12 python3.13; do
    if "$name" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  return 1
}

if [ ! -x "$environment/bin/python" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # bubblewrap: a better sandbox where the container allows namespaces
  apt-get install -qq -y --no-install-recommends python3 python3-venv bubblewrap
  python >/dev/null || apt-get install -qq -y --no-install-recommends python3.11 python3.11-venv
  "$(python)" -m venv "$environment"
  cd /autograder/source
  "$environment/bin/pip" install --quiet --no-cache-dir -r requirements.txt -c constraints.txt
fi
bash /autograder/source/run_autograder --prepare
