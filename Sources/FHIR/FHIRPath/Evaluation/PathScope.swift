/// What `$this`, `$index` and `$total` stand for at one place of an evaluation.
struct PathScope {
  /// What names at the beginning of an expression are looked up in.
  var this: FHIRPathCollection
  var index: Int32?
  var total: FHIRPathCollection = .empty
}
