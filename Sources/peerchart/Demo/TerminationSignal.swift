import Dispatch
import Foundation

/// Waits for Ctrl-C or SIGTERM.
enum TerminationSignal {
  static func wait() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let once = DispatchQueue(label: "termination")
      // Touched on the serial queue `once` alone after this function has set it up.
      nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []
      for number in [SIGINT, SIGTERM] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: once)
        source.setEventHandler {
          guard !sources.isEmpty else { return }
          for source in sources { source.cancel() }
          sources = []
          continuation.resume()
        }
        sources.append(source)
        source.resume()
      }
    }
  }
}
