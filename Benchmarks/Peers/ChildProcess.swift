import Foundation

/// Another program run to its end, with what it took.
struct ChildProcess {
  let cost: Cost
  /// The most memory it ever had resident, in bytes.
  let peakMemory: Double

  /// - Parameters:
  ///   - program: a path, or a name to be looked up in `PATH`.
  ///   - environment: additions to that of this process.
  ///   - output: a file for its standard output.
  /// - Throws: when it cannot be started or does not exit with 0.
  init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    output: String = "/dev/null"
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let process = try Self.spawn(program, arguments, environment, output)
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw BenchFailure("\(program) was lost") }
    }
    guard status == 0 else {
      throw BenchFailure("\(program) \(arguments.first ?? "") failed (status \(status))")
    }
    cost = Cost(wall: (clock.now - start).seconds, processor: usage.processorSeconds)
    peakMemory = Double(usage.ru_maxrss) * 1024
  }

  /// Runs a program and returns what it printed.
  static func output(
    of program: String, _ arguments: [String], in folder: TemporaryFolder
  ) throws -> String {
    let file = folder.file("output-of-a-program")
    defer { try? FileManager.default.removeItem(atPath: file) }
    _ = try ChildProcess(program, arguments, output: file)
    return try String(contentsOfFile: file, encoding: .utf8)
  }

  private static func spawn(
    _ program: String, _ arguments: [String], _ environment: [String: String], _ output: String
  ) throws -> pid_t {
    let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var argv = ([program] + arguments).map { strdup($0) } + [nil]
    var envp = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var process: pid_t = 0
    guard posix_spawnp(&process, program, &actions, nil, &argv, &envp) == 0 else {
      throw BenchFailure("\(program) cannot be started")
    }
    return process
  }
}
