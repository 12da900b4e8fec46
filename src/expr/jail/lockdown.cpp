#include "expr/jail/lockdown.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <initializer_list>

// Sanitizers reserve terabytes of address space and ask the kernel for more than the jail allows.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MBFLOW_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MBFLOW_SANITIZED 1
#endif
#endif

namespace mbflow::expr {
namespace {

#ifdef MBFLOW_SANITIZED
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

constexpr unsigned nobody = 65534;
constexpr rlim_t lifetime_cpu_seconds = 600;

void close_others(int fd) {
  for (unsigned first = 0; first < 3; ++first) {
    if (static_cast<int>(first) != fd) close(static_cast<int>(first));
  }
  if (fd > 3) syscall(SYS_close_range, 3U, static_cast<unsigned>(fd - 1), 0U);
  syscall(SYS_close_range, static_cast<unsigned>(fd + 1), ~0U, 0U);
}

// With a zone in the environment and read once, the C library never looks for a zone file.
void clear_environment() {
  clearenv();
  setenv("TZ", "UTC0", 1);
  tzset();
}

bool leave_namespaces() {
  if (geteuid() == 0) {
    (void)setgroups(0, nullptr);
    (void)setresgid(nobody, nobody, nobody);
    (void)setresuid(nobody, nobody, nobody);
  }
  return unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) == 0;
}

void limit_resources(std::size_t memory) {
  const auto limit = [](auto resource, rlim_t value) {
    const rlimit both{value, value};
    (void)setrlimit(resource, &both);
  };
  if (!sanitized) limit(RLIMIT_AS, memory);
  limit(RLIMIT_CPU, lifetime_cpu_seconds);
  limit(RLIMIT_NPROC, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_MEMLOCK, 0);
  limit(RLIMIT_MSGQUEUE, 0);
}

// An empty set of rules over every right that the running kernel knows: all of them are refused. The numbers are those
// of the kernel's interface; older headers do not have them.
bool restrict_files() {
  struct {
    std::uint64_t files, network, scoped;
  } rules{};
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U);
  if (version < 1) return false;
  rules.files = (1ULL << 13) - 1;
  if (version >= 2) rules.files |= 1ULL << 13;
  if (version >= 3) rules.files |= 1ULL << 14;
  if (version >= 5) rules.files |= 1ULL << 15;
  if (version >= 4) rules.network = 3;
  if (version >= 6) rules.scoped = 3;
  const std::size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const long ruleset = syscall(SYS_landlock_create_ruleset, &rules, size, 0U);
  if (ruleset < 0) return false;
  const bool restricted = syscall(SYS_landlock_restrict_self, ruleset, 0U) == 0;
  close(static_cast<int>(ruleset));
  return restricted;
}

bool allow(scmp_filter_ctx filter, std::initializer_list<int> calls) {
  bool added = true;
  for (const int call : calls) added = added && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  return added;
}

// Asked for by the C library or jq in passing: a polite no, so that a program fails instead of the process.
bool refuse(scmp_filter_ctx filter, std::initializer_list<int> calls) {
  bool added = true;
  for (const int call : calls) added = added && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), call, 0) == 0;
  return added;
}

bool allow_memory(scmp_filter_ctx filter) {
  const auto no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  const auto no_file = SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS);
  return allow(filter, {SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise)}) &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, no_code, no_file) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code) == 0;
}

bool filter_calls(int fd) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (filter == nullptr) return false;
  const auto own_socket = SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(fd));
  const auto other_files = SCMP_A0(SCMP_CMP_NE, static_cast<scmp_datum_t>(fd));
  bool set = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, own_socket) == 0 &&
             seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, own_socket) == 0 &&
             seccomp_rule_add(filter, SCMP_ACT_ERRNO(EBADF), SCMP_SYS(write), 1, other_files) == 0 &&
             allow_memory(filter) &&
             allow(filter, {SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
                            SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),
                            SCMP_SYS(rt_sigprocmask)}) &&  // of glibc 2.41 while it sets up its random pool
             refuse(filter, {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat),
                             SCMP_SYS(newfstatat), SCMP_SYS(access), SCMP_SYS(readlink), SCMP_SYS(getcwd),
                             SCMP_SYS(ioctl), SCMP_SYS(sysinfo), SCMP_SYS(prlimit64)});
  if (sanitized) {
    set = set && allow(filter, {SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(sigaltstack),
                                SCMP_SYS(rt_sigaction)});
  }
  set = set && seccomp_load(filter) == 0;
  seccomp_release(filter);
  return set;
}

}  // namespace

std::string Lockdown::to_json() const {
  const auto shown = [](bool set) { return set ? "true" : "false"; };
  return std::string(R"({"seccomp":)") + shown(seccomp) + R"(,"landlock":)" + shown(landlock) + R"(,"namespaces":)" +
         shown(namespaces) + "}";
}

Lockdown lock_down(int fd, std::size_t memory) {
  Lockdown done;
  close_others(fd);
  clear_environment();
  (void)!chdir("/");
  done.namespaces = leave_namespaces();
  // After the change of user, which clears it. If the engine died before this line, the closed socket ends us.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_DUMPABLE, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return done;
  done.landlock = restrict_files();
  limit_resources(memory);
  done.seccomp = filter_calls(fd);
  return done;
}

}  // namespace mbflow::expr
