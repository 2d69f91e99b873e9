import Exchange
import FHIR
import Primitives

/// What an attempt came to, short enough to compare: `ok`, or the code of the error.
func outcome(_ body: () async throws -> some Any) async -> String {
  do {
    _ = try await body()
    return "ok"
  } catch let error as PeerChartError {
    return error.code.rawValue
  } catch {
    return "foreign error"
  }
}

/// The error of an attempt that must fail.
func failure(_ body: () async throws -> some Any) async -> PeerChartError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error as? PeerChartError
  }
}

extension ReleasedResource {
  var text: String { String(decoding: json, as: UTF8.self) }
}

extension ResourcePage {
  var ids: [String] { resources.map(\.id) }
}

extension Exchange {
  /// Every page of a search.
  func searchAll(
    _ type: String, _ query: [(String, String)], as caller: Caller
  ) async throws -> [ReleasedResource] {
    var all: [ReleasedResource] = []
    var cursor: String?
    repeat {
      let page = try await search(
        type, query: query + (cursor.map { [("_cursor", $0)] } ?? []), strict: true, as: caller)
      all += page.resources
      cursor = page.next
    } while cursor != nil
    return all
  }
}
