import ArgumentParser
import Foundation
import Primitives
import SecDocument

/// A failure together with what to do about it.
struct Failure: Error {
  let error: PeerChartError
  let hint: String

  init(_ error: PeerChartError, hint: String) {
    self.error = error
    self.hint = hint
  }

  init(_ code: PeerChartError.Code, _ reason: String, place: String? = nil, hint: String) {
    self.init(PeerChartError(code, reason, place: place), hint: hint)
  }

  /// Ends the program the way `error` asks for: one line on standard error, perhaps a hint, and the
  /// exit status. What an error of another kind holds is not known to be free of health information,
  /// so of those only the type is named.
  static func exit(_ error: any Error) -> Never {
    switch error {
    case let failure as Failure:
      StandardError.line("peerchart: \(failure.error.text)")
      StandardError.line("  \(failure.hint)")
    case let error as PeerChartError:
      StandardError.line("peerchart: \(error.text)")
      if let hint = error.usualHint { StandardError.line("  \(hint)") }
    case is BrokenPipe: StandardOutput.endAsBrokenPipe()
    case is CancellationError: StandardError.line("peerchart: interrupted")
    case is ExitCode, is ValidationError, is CleanExit: PeerChartCommand.exit(withError: error)
    default:
      // What the parser throws is of a type that it keeps to itself.
      if PeerChartCommand.exitCode(for: error) != .failure {
        PeerChartCommand.exit(withError: error)
      }
      StandardError.line("peerchart: an unexpected failure (\(type(of: error)))")
    }
    Foundation.exit(1)
  }
}

extension PeerChartError {
  /// `reason (at place)`
  var text: String { place.map { "\(reason) (at \($0))" } ?? reason }

  /// What usually helps, where the reason itself does not say it.
  fileprivate var usualHint: String? {
    switch code {
    case .unreachable: "is `peerchart serve` running there, and is the address right?"
    case .secNoRecipient:
      "the document is sealed to another node, or the passphrase (--passphrase-file) is wrong"
    default: nil
    }
  }
}
