(class_declaration
  name: (identifier) @name
  body: (_)? @body) @definition.class

(interface_declaration
  name: (identifier) @name
  body: (_) @body) @definition.interface

(struct_declaration
  name: (identifier) @name
  body: (_)? @body) @definition.struct

(enum_declaration
  name: (identifier) @name
  body: (_) @body) @definition.enum

(record_declaration
  name: (identifier) @name
  body: (_)? @body) @definition.record

(delegate_declaration name: (identifier) @name) @definition.type

(namespace_declaration
  name: (_) @name
  body: (_) @body) @definition.namespace

(method_declaration
  name: (identifier) @name
  body: (_)? @body) @definition.method

(constructor_declaration
  name: (identifier) @name
  body: (_) @body) @definition.constructor

(destructor_declaration
  name: (identifier) @name
  body: (_) @body) @definition.method

(local_function_statement
  name: (identifier) @name
  body: (_) @body) @definition.function

(declaration_list [
  (field_declaration)
  (property_declaration)
  (event_field_declaration)
  (indexer_declaration)
] @member)
(enum_member_declaration_list (enum_member_declaration) @member)

(using_directive !name [(identifier) (qualified_name) (alias_qualified_name)] @module) @import
(using_directive name: (_) [(identifier) (qualified_name) (alias_qualified_name)] @module .) @import

(method_declaration
  (modifier) @modifier
  name: (identifier) @main_name
  (#eq? @main_name "Main")
  (#eq? @modifier "static")) @main

[
  (if_statement)
  (for_statement)
  (foreach_statement)
  (while_statement)
  (do_statement)
  (switch_section)
  (switch_expression_arm)
  (catch_clause)
  (conditional_expression)
  (binary_expression operator: ["&&" "||" "??"])
] @branch

(invocation_expression function: (identifier) @reference)
(member_access_expression name: (identifier) @reference)
(member_access_expression name: (generic_name (identifier) @reference))
(member_access_expression expression: (identifier) @reference (#match? @reference "^[A-Z]"))
(object_creation_expression type: (identifier) @reference)
(generic_name (identifier) @reference)
(type_argument_list (identifier) @reference)
(base_list (identifier) @reference)
(attribute name: (identifier) @reference)
(parameter type: (identifier) @reference)
(variable_declaration type: (identifier) @reference)
(property_declaration type: (identifier) @reference)
(method_declaration returns: (identifier) @reference)
(nullable_type type: (identifier) @reference)
(array_type type: (identifier) @reference)
(catch_declaration type: (identifier) @reference)
