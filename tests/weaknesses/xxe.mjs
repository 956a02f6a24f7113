// A feed, read by libxml2 with entities put in and files at hand.
// oracle: xxe
// point: /body
// events: 400
// packages: libxml2-wasm@0.7.2
import { ParseOption, XmlDocument } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

xmlRegisterFsInputProviders();

export const handler = async (event) => {
  try {
    const option = ParseOption.XML_PARSE_NOENT; // fixed: const option = ParseOption.XML_PARSE_NO_XXE;
    const document = XmlDocument.fromString(event.body ?? '<feed/>', { option });
    const length = document.root.content.length;
    document.dispose();
    return { statusCode: 200, body: String(length) };
  } catch {
    return { statusCode: 400 };
  }
};
