import CSpawn
package import Foundation
import Synchronization

/// Another program that a test has started.
///
/// It gets its three standard streams and nothing else that is open here, and a thread of its own waits
/// for it. Foundation's `Process` notices an end when nobody holds the other end of a socket any more; a
/// service that the program leaves behind, or that another test starts in the same moment, may hold it
/// for ever.
package final class ChildProcess: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Where a standard stream comes from or goes to.
  package enum Stream: Sendable {
    case nothing
    /// A file, made anew where it is written to.
    case file(String)
    /// What is open here under this number.
    case descriptor(Int32)
  }

  package let processIdentifier: Int32
  private let state = Mutex(State())

  private struct State {
    var status: Int32?
    var waiters: [@Sendable (Int32) -> Void] = []
  }

  /// Starts it.
  ///
  /// - Parameters:
  ///   - program: a path, or a name to be looked for in `PATH`.
  ///   - environment: all of it; ours if nil.
  ///   - folder: where it is started; here if nil.
  package init(
    _ program: String, _ arguments: [String], environment: [String: String]? = nil,
    in folder: String? = nil, input: Stream = .nothing, output: Stream = .nothing,
    errors: Stream = .nothing
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }
    for (number, stream) in zip(Int32(0)..., [input, output, errors]) {
      let flags = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
      switch stream {
      case .nothing: posix_spawn_file_actions_addopen(&actions, number, "/dev/null", flags, 0)
      case .file(let path): posix_spawn_file_actions_addopen(&actions, number, path, flags, 0o600)
      case .descriptor(let other): posix_spawn_file_actions_adddup2(&actions, other, number)
      }
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    // The threads of Swift's pool let no signal through, and a child begins with their mask.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0)=\($1)" }
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    var values: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { for text in words + values { free(text) } }
    var identifier: pid_t = 0
    let error = posix_spawnp(&identifier, program, &actions, &attributes, &words, &values)
    guard error == 0 else {
      throw Failure(description: "\(program): \(String(cString: strerror(error)))")
    }
    processIdentifier = identifier
    let waiting = Thread { [self] in noteItsEnd() }
    waiting.stackSize = 1 << 18
    waiting.start()
  }

  private func noteItsEnd() {
    // Reaped under the lock only, so that no signal of ours meets a stranger with its number.
    var information = siginfo_t()
    while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) != 0,
      errno == EINTR
    {}
    let (status, waiters) = state.withLock { state in
      var raw: Int32 = 0
      waitpid(processIdentifier, &raw, 0)
      let signal = raw & 0x7F
      let status = signal == 0 ? raw >> 8 & 0xFF : 128 + signal
      state.status = status
      defer { state.waiters = [] }
      return (status, state.waiters)
    }
    for waiter in waiters { waiter(status) }
  }

  /// Its exit status, or 128 and the signal that ended it; nil while it runs.
  package var status: Int32? { state.withLock { $0.status } }
  package var isRunning: Bool { status == nil }

  /// Sends a signal, if it still runs.
  package func send(_ signal: Int32) {
    state.withLock { if $0.status == nil { kill(processIdentifier, signal) } }
  }

  private func whenItEnds(_ act: @escaping @Sendable (Int32) -> Void) {
    let status = state.withLock { state in
      if state.status == nil { state.waiters.append(act) }
      return state.status
    }
    if let status { act(status) }
  }

  /// Waits for its end, without keeping a thread of Swift's waiting; returns its status.
  @discardableResult
  package func ended() async -> Int32 {
    await withCheckedContinuation { waiter in whenItEnds { waiter.resume(returning: $0) } }
  }

  /// Waits for its end and keeps the thread waiting, for functions that cannot be suspended.
  @discardableResult
  package func wait() -> Int32 {
    let gate = DispatchSemaphore(value: 0)
    whenItEnds { _ in gate.signal() }
    gate.wait()
    return status ?? 0
  }
}

extension ChildProcess {
  /// Runs a program to its end, without keeping a thread of Swift's waiting: those are as few as the
  /// processor has cores, and every test needs one to go on.
  ///
  /// - Parameters:
  ///   - input: what it reads.
  ///   - mixed: whether what it prints of errors belongs to its output; else that is dropped.
  /// - Returns: its status and what it printed.
  package static func run(
    _ program: String, _ arguments: [String], environment: [String: String]? = nil,
    in folder: String? = nil, input: Data? = nil, mixed: Bool = false
  ) async throws -> (status: Int32, output: Data) {
    let files = try Files(input)
    let child = try files.start(program, arguments, environment, in: folder, mixed: mixed)
    return (await child.ended(), try files.output())
  }

  /// The same, for functions that cannot be suspended: the thread waits.
  package static func run(
    _ program: String, _ arguments: [String], environment: [String: String]? = nil,
    in folder: String? = nil, input: Data? = nil, mixed: Bool = false
  ) throws -> (status: Int32, output: Data) {
    let files = try Files(input)
    let child = try files.start(program, arguments, environment, in: folder, mixed: mixed)
    return (child.wait(), try files.output())
  }

  /// What goes in and comes out. Files, not pipes: nobody waits for somebody who waits.
  private final class Files {
    private let path =
      FileManager.default.temporaryDirectory.path + "/peerchart-\(UUID().uuidString)"
    private let input: Data?

    init(_ input: Data?) throws {
      self.input = input
      try input?.write(to: URL(filePath: path + ".in"))
    }

    deinit {
      for name in [".in", ".out"] { try? FileManager.default.removeItem(atPath: path + name) }
    }

    func start(
      _ program: String, _ arguments: [String], _ environment: [String: String]?,
      in folder: String?, mixed: Bool
    ) throws -> ChildProcess {
      // One opening of the file for both, so that neither writes over the other.
      let output = open(path + ".out", O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600)
      guard output >= 0 else { throw Failure(description: String(cString: strerror(errno))) }
      defer { close(output) }
      return try ChildProcess(
        program, arguments, environment: environment, in: folder,
        input: input == nil ? .nothing : .file(path + ".in"), output: .descriptor(output),
        errors: mixed ? .descriptor(output) : .nothing)
    }

    func output() throws -> Data { try Data(contentsOf: URL(filePath: path + ".out")) }
  }
}
