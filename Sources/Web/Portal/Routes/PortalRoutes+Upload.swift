import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension PortalRoutes {
  /// A file of records that somebody has from elsewhere, brought into the chart.
  func upload(_ request: PortalRequest) async throws -> Response {
    let (visitor, chart) = try request.chart()
    guard exchange.kind == .household, visitor.isOwner else {
      throw PeerChartError(.forbidden, "this chart is written by those who treat the patient")
    }
    guard request.isPost else { return try await page(UploadPage(), request) }
    let file = try await uploaded(request)
    guard !file.isEmpty else { return try await refuse("upload.error_none", request) }
    do {
      let taken = try await exchange.upload(file, into: chart, as: visitor.caller)
      return try await page(UploadPage(outcome: UploadPage.Outcome(taken)), request)
    } catch let error as PeerChartError {
      switch error.code {
      case .malformed, .invalid: return try await refuse("upload.error_malformed", request)
      case .conflict: return try await refuse("upload.error_person", request)
      case .forbidden: return try await refuse("upload.error_other", request)
      default: throw error
      }
    }
  }

  private func refuse(_ word: String, _ request: PortalRequest) async throws -> Response {
    try await page(
      UploadPage(error: word), request, notes: [PageFrame.Note(.alarm, "error.form")],
      status: .unprocessableContent)
  }

  /// The file of a form whose token was checked.
  private func uploaded(_ request: PortalRequest) async throws -> [UInt8] {
    try PortalForm.checkOrigin(request.incoming)
    let type = try request.incoming.field(.contentType) ?? ""
    let body = try await BodyReader.read(request.incoming, limit: exchange.limits.requestBytes)
    let form = try MultipartBody(parsing: body, contentType: type)
    try PortalForm.check(
      form.parts.filter { $0.name == "csrf" }.map { Array($0.bytes) }, request)
    return form["file"].map { $0.isFile ? Array($0.bytes) : [] } ?? []
  }
}

extension UploadPage.Outcome {
  fileprivate init(_ taken: UploadReport) {
    let report = taken.report
    self.init(
      added: report.stored, known: report.unchanged, leftOut: taken.leftOut,
      refused: report.faultCount,
      faults: report.faults.prefix(20).map { (place: $0.place ?? "", reason: $0.reason) })
  }
}
