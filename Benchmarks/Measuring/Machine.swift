import Foundation

/// Where the figures were measured: without it they say little.
struct Machine: Encodable {
  let processor: String
  let cores: Int
  /// How many tasks wanted to run when the measurement began (one-minute average).
  let load: Double
  /// Microseconds until 4 KiB are durable in the folder that is used (median).
  let syncMicroseconds: Double
  let folder: String

  init(folder: String) throws {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    processor =
      information.split(separator: "\n").first { $0.hasPrefix("model name") }
      .flatMap { $0.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    cores = ProcessInfo.processInfo.activeProcessorCount
    load = Self.currentLoad
    self.folder = folder
    syncMicroseconds = try Self.measureSync(folder + "/sync-probe") * 1e6
  }

  static var currentLoad: Double {
    var loads = [0.0, 0, 0]
    return getloadavg(&loads, 3) > 0 ? loads[0] : .nan
  }

  var description: String {
    "\(processor), \(cores) cores, load \(FigureTable.text(load)) before; "
      + "4 KiB durable in \(FigureTable.text(syncMicroseconds)) µs"
  }

  private static func measureSync(_ path: String) throws -> Double {
    let file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    guard file >= 0 else { throw BenchFailure("the folder cannot be written") }
    defer {
      close(file)
      unlink(path)
    }
    let page = [UInt8](repeating: 0x5A, count: 4096)
    var samples = Samples()
    let clock = ContinuousClock()
    for _ in 0..<100 {
      let start = clock.now
      _ = write(file, page, page.count)
      fdatasync(file)
      samples.add((clock.now - start).seconds)
    }
    return samples.quantile()
  }
}

/// Why a measurement could not be made.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
