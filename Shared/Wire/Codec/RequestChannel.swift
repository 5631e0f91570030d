/// What carries a typed request to a service; generated clients speak through it.
protocol RequestChannel {
  /// What a call gives at once: a reply, or what to wait for.
  associatedtype Result

  /// Sends `request` for `method` ("JobService.ApplyLab"); the reply decodes as `returning`.
  func call<Request: ProtoMessage, Reply: ProtoMessage>(_ method: String, _ request: Request, returning: Reply.Type) throws -> Result
}
