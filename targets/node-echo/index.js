// Answers with its event: what a function without any weakness looks like from outside.
'use strict';

exports.handler = async (event) => event;
