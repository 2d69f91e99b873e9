import Foundation

/// What some work took: time on the wall, and time on processors of this process (all threads).
struct Cost {
  /// Seconds that passed.
  var wall: Double
  /// Seconds of processor time, user and system.
  var processor: Double

  /// Runs `body` once.
  static func of<Value>(_ body: () async throws -> Value) async rethrows -> (Value, Cost) {
    let clock = ContinuousClock()
    let (start, used) = (clock.now, processorTime)
    let value = try await body()
    return (
      value,
      Cost(wall: (clock.now - start).seconds, processor: Self.processorTime - used)
    )
  }

  static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension rusage {
  var processorSeconds: Double {
    let parts = [ru_utime, ru_stime]
    return parts.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
  }
}

extension Duration {
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}

/// Times of the same small piece of work, done many times.
struct Samples {
  private var seconds: [Double]

  init(_ seconds: [Double] = []) { self.seconds = seconds }

  /// Runs `body` until `span` seconds have passed, in batches so that reading the clock costs
  /// nothing; each batch counts with its average.
  static func collect(
    batch: Int = 1, span: Double = 1, _ body: () throws -> Void
  ) rethrows -> Samples {
    var samples = Samples()
    let clock = ContinuousClock()
    for _ in 0..<batch { try body() }
    let end = clock.now.advanced(by: .seconds(span))
    while clock.now < end {
      let start = clock.now
      for _ in 0..<batch { try body() }
      samples.add((clock.now - start).seconds / Double(batch))
    }
    return samples
  }

  mutating func add(_ value: Double) { seconds.append(value) }

  /// The median, or another quantile.
  func quantile(_ part: Double = 0.5) -> Double {
    let sorted = seconds.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
  }
}
