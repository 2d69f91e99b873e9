import FHIR
import Primitives

/// What a caller is told about an error.
package struct ErrorReport: Sendable {
  package let status: Int
  /// The stable code that programs compare.
  package let code: String
  package let reason: String
  package let place: String?
  let requestID: String

  /// Of an unexpected error nothing is told but the request's id, to look it up by.
  package init(
    _ error: any Error, in circumstances: ErrorStatus.Circumstances, requestID: String
  ) {
    self.requestID = requestID
    guard let error = error as? PeerChartError,
      let mapped = ErrorStatus.status(of: error.code, in: circumstances)
    else {
      status = 500
      code = "internal"
      reason = "something went wrong here; request \(requestID) in the node's log says more"
      place = nil
      return
    }
    status = mapped
    code = error.code.rawValue
    reason = error.reason
    place = error.place
  }

  /// For the FHIR API.
  package var operationOutcome: [UInt8] {
    OperationOutcome.bytes(for: [
      PeerChartError(ErrorStatus.issueCode(of: code), reason, place: place)
    ])
  }

  /// For everything else (RFC 9457).
  package var problem: [UInt8] {
    var members: [(String, JSONTree)] = [
      ("type", "about:blank"), ("title", .string(ErrorStatus.title(status))),
      ("status", .number(String(status))), ("detail", .string(reason)), ("code", .string(code)),
    ]
    if let place { members.append(("place", .string(place))) }
    members.append(("request", .string(requestID)))
    return JSONTree.object(members).serialized()
  }
}
