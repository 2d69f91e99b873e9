/// What the demonstration has done so far, for people as it goes and for programs at the end.
struct DemoReport: Encodable {
  struct Step: Encodable {
    let name: String
    let ok: Bool
    let ms: Double
  }
  struct Audit: Encodable {
    var entries: UInt64 = 0
    var verified = false
  }
  struct Documents: Encodable {
    var verified = 0
  }

  var steps: [Step] = []
  var imported = 0
  /// Records that left the household for the hospital.
  var disclosed = 0
  /// Requests that were refused, as they should be.
  var refused = 0
  var audit = Audit()
  var documents = Documents()

  var isAllRight: Bool { steps.allSatisfy(\.ok) && audit.verified }
}

/// A step of the demonstration that did not go as it must.
struct DemoFailure: Error {
  let reason: String
}
