// A harness for libFuzzer, outside of every SwiftPM target; `make fuzz` compiles it with
// `-sanitize=fuzzer -parse-as-library`. A trap anywhere below is a finding.
import FHIR
import Primitives

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFHIRJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  var splitter = NDJSONSplitter(maximumLineBytes: 1 << 16)
  for line in (try? splitter.split(bytes)) ?? [] { _ = try? line.resource() }
  guard let document = try? JSONDocument(parsing: bytes) else { return 0 }
  let tree = JSONTree(document.root)
  guard let again = try? JSONDocument(parsing: tree.serialized()), JSONTree(again.root) == tree
  else { fatalError("a tree changed on its way through its text") }
  _ = try? CanonicalJSON.serialize(document.root)
  guard let resource = try? Resource(document.root) else { return 0 }
  exercise(resource)
  guard let bundle = try? ResourceBundle(resource) else { return 0 }
  for entry in bundle.entries {
    _ = try? entry.fullUrl
    _ = try? entry.request
    if let resource = try? entry.resource { exercise(resource) }
  }
  return 0
}

private func exercise(_ resource: Resource) {
  _ = resource.structureErrors()
  _ = resource.structureWarnings()
  let links = resource.edits(replacing: resource.links) { _ in "Basic/1" }
  guard (try? JSONDocument(parsing: resource.applying(links))) != nil else {
    fatalError("rewriting links broke the text")
  }
  let edited = resource.withIdentity(
    id: "new", versionId: "1", lastUpdated: Instant(millisecondsSinceEpoch: 0))
  guard let again = try? Resource(parsing: edited), again.id == "new",
    again.removingIdentity() == resource.removingIdentity()
  else { fatalError("assigning an identity changed something else") }
}
