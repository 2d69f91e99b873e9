#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Hands a harness to libFuzzer.
///
/// Swift Package Manager insists on naming the entry point of an executable, libFuzzer on having
/// its own. So a harness keeps an ordinary `@main`, and libFuzzer is started from there.
public enum FuzzDriver {
  /// What a harness does with one input. It must return for every input: a trap, a hang or a
  /// growing memory is the finding.
  public typealias Body = @Sendable ([UInt8]) -> Void

  /// Runs libFuzzer with the command line of the process and ends the process with its verdict.
  public static func run(_ body: @escaping Body) -> Never {
    current = body
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(runLibFuzzer(&count, &arguments, testOneInput))
  }

  /// Written once, before libFuzzer starts; libFuzzer calls back on the thread that started it.
  nonisolated(unsafe) fileprivate static var current: Body = { _ in }
}

/// libFuzzer's archive refers to this name even though the driver is told the function.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzDriver.current(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// `int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *, size_t))`
@_silgen_name("LLVMFuzzerRunDriver")
private func runLibFuzzer(
  _ argumentCount: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
