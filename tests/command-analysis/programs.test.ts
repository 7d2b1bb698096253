import { describe, expect, it } from 'vitest'
import { isCovered } from '../../src/command-analysis/programs/table-cases.ts'
import { checked } from '../../src/command-analysis/programs/table-compile.ts'
import { shippedEntries } from '../../src/config/programs.ts'

const entries = shippedEntries()
const table = checked(entries)

describe('the table of programs', () => {
  it('knows those that developers use most', () => {
    const most =
      'git gh npm npx pnpm yarn bun deno node tsc eslint prettier vitest jest python pip pipx uv poetry pytest ruff black mypy ' +
      'cargo rustc rustup go gofmt make cmake ninja gcc g++ clang java javac mvn gradle dotnet ruby gem bundle rake rspec php ' +
      'composer perl lua docker podman docker-compose kubectl helm terraform tofu ansible ansible-playbook aws gcloud az curl ' +
      'wget ssh scp sftp rsync nc ping dig openssl gpg tar zip unzip gzip xz find fd rg grep egrep sed awk sort uniq cut tr wc ' +
      'head tail cat tac less tee xargs parallel jq yq diff cmp patch ls tree file stat du df cp mv rm mkdir rmdir touch ln chmod ' +
      'chown dd truncate shred psql mysql pg_dump sqlite3 redis-cli systemctl journalctl service crontab kill pkill killall ps ' +
      'top lsof ss env sudo su doas nohup timeout time nice watch sh bash zsh dash fish eval source exec command export cd echo ' +
      'printf test true date sleep seq basename dirname realpath readlink pwd whoami id uname base64 sha256sum md5sum vim nano ' +
      'man apt apt-get apk dnf yum brew dpkg strace script tmux screen flock chroot'
    expect(most.split(' ').filter((name) => table.find(name) === undefined)).toEqual([])
  })

  it('finds a program by another name, and with a version behind it', () => {
    const usual = (name: string) => table.find(name)?.name
    expect(
      ['pip3', 'pip3.11', 'python3.12', 'podman', 'nodejs', 'g++-12', 'gmake'].map(usual),
    ).toEqual(['pip', 'pip', 'python', 'docker', 'node', 'gcc', 'make'])
    expect(['git2', 'npm7', 'nobody', 'constructor', '__proto__'].map(usual)).toEqual(
      Array(5).fill(undefined),
    )
  })

  const cases = Object.entries(entries.programs)
  it.each(cases.flatMap(([name, { covers: lines = [] }]) => lines.map((line) => [name, line])))(
    'a yes to every %s covers %s',
    (name, line) => expect(isCovered(name, line, table)).toBe(true),
  )
  it.each(cases.flatMap(([name, { asks = [] }]) => asks.map((line) => [name, line])))(
    'a yes to every %s is none to %s',
    (name, line) => expect(isCovered(name, line, table)).toBe(false),
  )
})
