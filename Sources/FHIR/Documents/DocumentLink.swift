/// Where a link of a resource leads, seen from within a document.
enum DocumentLink {
  /// A record of the server whose address the document's base is.
  case local(ReferenceTarget, version: String?)
  /// Another server, a contained resource, or no literal reference: it stays as it is.
  case elsewhere
  /// What cannot be resolved within a document: a URN of another Bundle, a search, a faulty text.
  case nowhere

  init(_ link: ResourceLink, base: String) {
    switch link.form {
    case .relative(let type, let id, let version):
      self = .local(ReferenceTarget(type: type, id: id), version: version)
    case .absolute(let url, let type?, let id?, let version):
      let target = ReferenceTarget(type: type, id: id)
      let local = "\(base)/\(type)/\(id)"
      let isLocal = url == local || version.map { url == "\(local)/_history/\($0)" } ?? false
      self = isLocal ? .local(target, version: version) : .elsewhere
    case .absolute, .fragment, .logical: self = .elsewhere
    case .urn, .conditional, nil: self = .nowhere
    }
  }
}

extension Resource {
  /// The record that this one would be referred to as.
  var target: ReferenceTarget? { id.map { ReferenceTarget(type: type, id: $0) } }

  /// The records of the server that this one refers to, each once, in the order of its text.
  func localTargets(base: String) -> [ReferenceTarget] {
    var found: [ReferenceTarget] = []
    var known: Set<ReferenceTarget> = []
    for link in links where link.origin == .reference {
      if case .local(let target, _) = DocumentLink(link, base: base), known.insert(target).inserted
      {
        found.append(target)
      }
    }
    return found
  }
}
