import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `$export` (Bulk Data Access 2.0): begins a job.
  func beginExport(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let base = try incoming.baseURL()
    try requireAsync(incoming)
    let caller = try await authenticator.caller(of: incoming)
    let level: BulkExportRequest.Level =
      call.id.map { .group($0) } ?? (call.type == nil ? .system : .patients)
    let request = try BulkExportRequest(
      level, try await parameters(query, incoming), isPost: incoming.request.method == .post,
      isLenient: !preference(incoming).isStrict)
    let job = try await exchange.beginExport(
      request, url: Self.called(call, base, incoming), as: caller)
    return Self.accepted(job, base)
  }

  /// `$import`: begins a job that fetches NDJSON files.
  func beginImport(_ call: OperationCall, _ incoming: Incoming) async throws -> Response {
    let base = try incoming.baseURL()
    try requireAsync(incoming)
    let caller = try await authenticator.caller(of: incoming)
    let request = try BulkImportRequest(parsing: try await resource(incoming))
    let job = try await exchange.beginImport(
      request, url: Self.called(call, base, incoming), as: caller)
    return Self.accepted(job, base)
  }

  /// The answer to whoever asks how a job stands: 202 while it is worked on, then the manifest.
  func bulkJob(_ id: String, _ incoming: Incoming) async throws -> Response {
    let base = try incoming.baseURL()
    let caller = try await authenticator.caller(of: incoming)
    guard incoming.request.method != .delete else {
      try await exchange.cancelBulk(id, as: caller)
      return Answer.empty(.accepted)
    }
    switch try await exchange.bulkStatus(id, as: caller) {
    case .working(let resources):
      // The number is of what the caller may see; how much there is besides, nothing tells.
      return Answer.empty(
        .accepted,
        fields: [.progress: "in progress, \(resources) resources so far", .retryAfter: "1"])
    case .failed(let error): throw error
    case .done(let manifest):
      return Answer.json(
        Self.tree(manifest, "\(base.fhir)/\(Route.bulkFolder)/\(id)").serialized(),
        fields: [.expires: HTTPDate.text(manifest.expires)])
    }
  }

  /// A file of a job, group by group as the client takes it.
  func bulkFile(_ id: String, _ name: String, _ incoming: Incoming) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    var file = try await exchange.bulkFile(id, name, as: caller)
    let fields: HTTPFields = [.contentType: MediaTypes.ndjson]
    guard incoming.request.method == .get else { return Response(status: .ok, headers: fields) }
    // What is wrong before the first line still has a status of its own.
    let first = try await file.next()
    return Response(
      status: .ok, headers: fields,
      body: ResponseBody { [file] writer in
        var file = file
        var lines = first
        while let group = lines {
          try await Answer.write(group, to: &writer)
          lines = try await file.next()
        }
        try await writer.finish(nil)
      })
  }

  private func requireAsync(_ incoming: Incoming) throws {
    guard preference(incoming).isAsync else {
      throw PeerChartError(
        .malformed, "this takes its time: ask for it with Prefer: respond-async", place: "Prefer")
    }
  }

  private static func accepted(_ job: String, _ base: BaseURL) -> Response {
    Answer.empty(
      .accepted, fields: [.contentLocation: "\(base.fhir)/\(Route.bulkFolder)/\(job)"])
  }

  private static func called(
    _ call: OperationCall, _ base: BaseURL, _ incoming: Incoming
  ) -> String {
    let path = [call.type, call.id, call.name.rawValue].compactMap { $0 }.joined(separator: "/")
    let query = incoming.rawQuery.isEmpty ? "" : "?\(incoming.rawQuery)"
    return "\(base.fhir)/\(path)\(query)"
  }

  private static func tree(_ manifest: BulkManifest, _ folder: String) -> JSONTree {
    func files(_ files: [BulkManifest.File]) -> JSONTree {
      .array(
        files.map { file in
          var members: [(String, JSONTree)] = [("type", .string(file.type))]
          if let name = file.name { members.append(("url", .string("\(folder)/\(name)"))) }
          members.append(("count", .number(String(file.count))))
          if let input = file.inputURL { members.append(("inputUrl", .string(input))) }
          return .object(members)
        })
    }
    var members: [(String, JSONTree)] = [
      ("transactionTime", .string(manifest.transactionTime.description)),
      ("request", .string(manifest.request)), ("requiresAccessToken", .bool(true)),
      ("output", files(manifest.output)),
    ]
    if !manifest.isImport { members.append(("deleted", files(manifest.deleted))) }
    members.append(("error", files(manifest.errors)))
    return .object(members)
  }
}
