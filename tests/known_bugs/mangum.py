# P15: a load balancer that sends one value of each header has no member with all of them.
# packages: mangum==0.10.0 starlette==0.14.2
# repaired: mangum==0.11.0 starlette==0.14.2
# oracle: unhandled-error
# source: alb
# point: none
# events: 60
# verdict: fails
from mangum import Mangum
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


async def hello(request):
    return JSONResponse({'hello': request.query_params.get('name', 'you')[:80]})


handler = Mangum(Starlette(routes=[Route('/{path:path}', hello)]), lifespan='off')
