#!/usr/bin/env bash
# .ci/podman.sh FOLDER [ACCOUNT]: real Podman engines for the suites on a Debian machine, run as root; safe to repeat.
# Leaves FOLDER/{rootless,rootful}/bin/podman: wrappers that need no further environment. No systemd is needed.
# .ci/podman.sh --remove FOLDER: removes their containers, images and processes, and the folder.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo 'run this as root' >&2; exit 1; }

remove() {
  local folder=$1
  for mode in rootless rootful; do
    [ -x "$folder/$mode/bin/podman" ] || continue
    "$folder/$mode/bin/podman" --log-level error system migrate >/dev/null || true
    "$folder/$mode/bin/podman" --log-level error system reset --force >/dev/null || true
  done
  awk -v under="$folder/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
  rm -rf "$folder"
}

if [ "${1:-}" = --remove ]; then
  remove "${2:?folder}"
  exit
fi

folder=${1:?folder}
account=${2:-clawdeck-ci}

# The cgroup controllers, the key quota and CAP_SYS_RESOURCE of small virtual machines ask for more modest defaults:
# cgroupfs without systemd, no kernel keyring per container (200 per account), ulimits that only go down, and exec
# monitors that do not linger for five minutes. tmp_dir must be set before the first call: the engine remembers it.
settings() {
  local mode=$1 base=$folder/$1 limits='"nofile=1024:1024"'
  [ "$mode" = rootless ] || limits+=', "nproc=512:512"'
  mkdir -p "$base"/{xdg,home,tmp,bin}
  chmod 700 "$base/xdg"
  cat >"$base/containers.conf" <<CONF
[containers]
keyring = false
log_driver = "k8s-file"
default_ulimits = [$limits]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
exit_command_delay = 10
tmp_dir = "$base/tmp"
[engine.runtimes]
runc = ["$(command -v runc)"]
CONF
  cat >"$base/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$base/graph"
rootless_storage_path = "$base/graph"
runroot = "$base/run"
CONF
  printf 'unqualified-search-registries = []\nshort-name-mode = "disabled"\n' >"$base/registries.conf"
}

# The wrapper enters the account and the settings, and becomes podman: signals and process ids are podman's own.
wrapper() {
  local mode=$1 base=$folder/$1 enter=''
  [ "$mode" = rootful ] || enter="setpriv --reuid $account --regid $account --init-groups "
  cat >"$base/bin/podman" <<WRAP
#!/bin/sh
cd /
exec ${enter}env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \\
  HOME=$base/home XDG_RUNTIME_DIR=$base/xdg CONTAINERS_CONF=$base/containers.conf \\
  CONTAINERS_STORAGE_CONF=$base/storage.conf CONTAINERS_REGISTRIES_CONF=$base/registries.conf \\
  podman "\$@"
WRAP
  chmod 755 "$base/bin/podman"
}

id -u "$account" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$account"
for map in /etc/subuid /etc/subgid; do
  touch "$map"
  grep -q "^$account:" "$map" || echo "$account:$((1 << 20)):65536" >>"$map"
done

mkdir -p "$folder"
chmod 755 "$folder"
for mode in rootless rootful; do
  settings "$mode"
  wrapper "$mode"
done
for entry in "$folder"/rootless "$folder"/rootless/{xdg,home,tmp}; do chown "$account:" "$entry"; done

for mode in rootless rootful; do
  # A pause process that no longer lives, as after a restart of the machine, is forgotten by a migration.
  "$folder/$mode/bin/podman" info >/dev/null 2>&1 || "$folder/$mode/bin/podman" --log-level error system migrate
  "$folder/$mode/bin/podman" --log-level error info --format "podman {{.Version.Version}} $mode, {{.Store.GraphDriverName}}, cgroup {{.Host.CgroupsVersion}}"
done
