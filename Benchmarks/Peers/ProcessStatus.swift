import Foundation

/// What the system tells of a running process (Linux, /proc).
enum ProcessStatus {
  /// Seconds of processor time so far, of the process and of those that it has started.
  static func processorSeconds(of process: Int32) throws -> Double {
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    var sum = 0.0
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      guard let number = Int32(name), let fields = fields(of: number), fields.count > 12 else {
        continue
      }
      // Of what follows the name: 1 is the parent, 11 and 12 are user and system time.
      guard number == process || Int32(fields[1]) == process else { continue }
      sum += ((Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)) / ticks
    }
    return sum
  }

  private static func fields(of process: Int32) -> [Substring]? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return nil }
    return text[text.index(after: end)...].split(separator: " ")
  }

  /// Bytes resident now (`VmRSS`) or at the most so far (`VmHWM`).
  static func memory(_ name: String, of process: Int32) throws -> Double {
    let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }),
      let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Double($0) })
    else { throw BenchFailure("the system does not tell a process's memory") }
    return kibibytes * 1024
  }
}
